import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../run.js';

/** A native source package to be made for a test. */
export interface TestSource {
  readonly name: string;
  /** Default `1.0`. */
  readonly version?: string;
  /** Shell lines that the build runs; default: none. */
  readonly build?: string;
  /** The binary package's architecture; default `all`. */
  readonly architecture?: string;
  /** Default: none, so that nothing has to be installed. */
  readonly buildDepends?: string;
  /** Contents of /usr/share/<name>/text in the .deb; default: the name. */
  readonly text?: string;
}

/**
 * Makes a source package with one binary package of the same name, by dpkg-source, in a folder of its own below the
 * directory. It needs nothing but build-essential to be built, so that a test takes seconds.
 * @returns the path of the .dsc
 */
export async function makeSource(directory: string, source: TestSource): Promise<string> {
  const { name, version = '1.0', build = '', architecture = 'all', buildDepends, text = name } = source;
  await mkdir(directory, { recursive: true });
  const folder = await mkdtemp(join(directory, `${name}-`));
  const tree = join(folder, `${name}-${version}`);
  await mkdir(join(tree, 'debian/source'), { recursive: true });
  const files = {
    'debian/source/format': '3.0 (native)\n',
    'debian/changelog': `${name} (${version}) unstable; urgency=medium\n\n  * A test.\n\n -- Test <test@example.org>  Sat, 01 Nov 2025 00:00:00 +0000\n`,
    'debian/control': `Source: ${name}\nSection: misc\nPriority: optional\nMaintainer: Test <test@example.org>\nStandards-Version: 4.7.0\nRules-Requires-Root: no\n${buildDepends ? `Build-Depends: ${buildDepends}\n` : ''}\nPackage: ${name}\nArchitecture: ${architecture}\nDescription: a package for a test\n It holds one file.\n`,
    'debian/rules': rules(name, build, text),
  };
  for (const [path, contents] of Object.entries(files)) await writeFile(join(tree, path), contents);
  await chmod(join(tree, 'debian/rules'), 0o755);
  const made = await run(['dpkg-source', '--build', tree], { cwd: folder });
  if (made.code !== 0) throw new Error(`dpkg-source could not make ${name}: ${made.stderr}`);
  await rm(tree, { recursive: true });
  return join(folder, `${name}_${version.replace(/^\d+:/, '')}.dsc`);
}

/** debian/rules without debhelper (Debian Policy 4.9). */
function rules(name: string, build: string, text: string): string {
  const recipe = build
    .split('\n')
    .filter(Boolean)
    .map(line => `\t${line}\n`)
    .join('');
  return `#!/usr/bin/make -f
clean:
\trm -rf debian/tmp debian/files debian/substvars
build build-arch build-indep:
${recipe}binary-arch:
binary-indep:
binary: build
\tmkdir -p debian/tmp/DEBIAN debian/tmp/usr/share/${name}
\tprintf '%s\\n' '${text}' > debian/tmp/usr/share/${name}/text
\tdpkg-gencontrol -Pdebian/tmp
\tdpkg-deb --root-owner-group --build debian/tmp ..
.PHONY: clean build build-arch build-indep binary binary-arch binary-indep
`;
}
