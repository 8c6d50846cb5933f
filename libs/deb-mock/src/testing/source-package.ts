import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../run.js';

export interface TestPackage {
  readonly name: string;
  /** Shell commands of the build, one on each line; by default there are none. */
  readonly build?: readonly string[];
  /** Shell commands after the .deb was made, in the package's own directory. */
  readonly after?: readonly string[];
  readonly buildDepends?: string;
  readonly architecture?: string;
}

/**
 * Makes a small native source package that needs nothing but build-essential, by dpkg-source.
 *
 * @returns path of its .dsc
 */
export async function makeSourcePackage(directory: string, wanted: TestPackage): Promise<string> {
  const { name, build = [], after = [], buildDepends, architecture = 'all' } = wanted;
  const tree = join(directory, `${name}-1.0`);
  await mkdir(join(tree, 'debian/source'), { recursive: true });
  const files = {
    'debian/source/format': '3.0 (native)\n',
    'debian/changelog': `${name} (1.0) trixie; urgency=medium\n\n  * Made by a test.\n\n -- Test <test@example.org>  Thu, 01 Jan 2026 00:00:00 +0000\n`,
    'debian/control': `Source: ${name}
Maintainer: Test <test@example.org>
Section: misc
Priority: optional
Standards-Version: 4.7.0
Rules-Requires-Root: no
${buildDepends ? `Build-Depends: ${buildDepends}\n` : ''}
Package: ${name}
Architecture: ${architecture}
Description: made by a test
`,
    'debian/rules': `#!/usr/bin/make -f
build build-arch build-indep:
${build.map(line => `\t${line.replaceAll('$', '$$$$')}\n`).join('')}
binary-arch:
binary binary-indep: build
\tmkdir -p debian/root/DEBIAN debian/root/usr/share/${name}
\techo made >debian/root/usr/share/${name}/made
\tdpkg-gencontrol -p${name} -Pdebian/root
\tdpkg-deb --root-owner-group --build debian/root ..
${after.map(line => `\t${line.replaceAll('$', '$$$$')}\n`).join('')}
clean:
\trm -rf debian/root debian/files
`,
  };
  for (const [path, text] of Object.entries(files)) await writeFile(join(tree, path), text, { mode: 0o755 });
  const { code, stderr } = await run(['dpkg-source', '--build', tree], { cwd: directory });
  if (code !== 0) throw new Error(stderr);
  return join(directory, `${name}_1.0.dsc`);
}
