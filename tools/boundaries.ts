// Who may import whom, by the projects' Nx tags. Prints one sentence for each import that breaks a rule.
//
//   node tools/boundaries.ts [CHECKOUT]
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { ROOT } from './projects.ts';

interface Rule {
  /** Scopes that it may import. */
  mayImport: readonly string[];
  /** npm packages that it must not import; a name that ends in `/` stands for all of that organisation. */
  notFromNpm: readonly string[];
  why: string;
}

const MESSAGING_AND_FRAMEWORK = ['@nats-io/', '@nestjs/', 'typeorm', 'pg'];

const RULES: Readonly<Record<string, Rule>> = {
  contracts: {
    mayImport: [],
    notFromNpm: MESSAGING_AND_FRAMEWORK,
    why: 'contracts depend on no other project',
  },
  engine: {
    mayImport: ['engine'],
    notFromNpm: MESSAGING_AND_FRAMEWORK,
    why: 'engines are usable alone and know neither NATS, Nest nor a database',
  },
  adapter: {
    mayImport: ['contracts', 'adapter'],
    notFromNpm: [],
    why: 'adapters know only contracts and each other',
  },
  service: {
    mayImport: ['contracts', 'adapter', 'engine'],
    notFromNpm: [],
    why: 'services meet only in the event log: none imports another',
  },
  app: {
    mayImport: ['contracts', 'adapter', 'engine', 'service', 'app'],
    notFromNpm: [],
    why: 'applications may import anything',
  },
};

interface Project {
  name: string;
  /** From the checkout's root: `libs/contracts`. */
  folder: string;
  scope: string;
}

interface NxGraph {
  graph: {
    nodes: Record<string, { data: { root: string; tags?: string[] } }>;
    dependencies: Record<string, { source: string; target: string }[]>;
  };
}

/** One sentence for each broken rule in the checkout. */
export function brokenRules(root: string): string[] {
  const { nodes, dependencies } = projectGraph(root).graph;
  const projects = new Map<string, Project>();
  for (const [name, { data }] of Object.entries(nodes)) {
    const scope = data.tags?.find(tag => tag.startsWith('scope:'))?.slice('scope:'.length) ?? '';
    projects.set(name, { name, folder: data.root, scope });
  }
  const broken: string[] = [];
  for (const project of projects.values()) {
    const rule = RULES[project.scope];
    if (rule === undefined) {
      broken.push(
        `${project.name} has no tag of ${Object.keys(RULES).join(', ')} (as "scope:…") in its package.json.`,
      );
      continue;
    }
    const declared = new Set((dependencies[project.name] ?? []).map(({ target }) => target));
    for (const target of new Set([...declared, ...importedNames(root, project, projects)])) {
      const imported = projects.get(target);
      if (imported !== undefined && !rule.mayImport.includes(imported.scope)) {
        broken.push(
          `${project.name} (${project.scope}) must not import ${target} (${imported.scope}): ${rule.why}.`,
        );
      } else if (imported !== undefined && !declared.has(target)) {
        broken.push(`${project.name} imports ${target}, which its package.json does not name.`);
      }
    }
    broken.push(...brokenImports(root, project, rule, [...projects.values()]));
  }
  return broken;
}

/** The other projects that its sources import; Nx's graph has only those that a package.json names. */
function importedNames(root: string, project: Project, projects: ReadonlyMap<string, Project>): string[] {
  return [...imports(root, project)]
    .map(({ specifier }) => specifier.split('/').slice(0, 2).join('/'))
    .filter(name => name !== project.name && projects.has(name));
}

/** What no package.json says: paths into another project, and npm packages. */
function brokenImports(root: string, project: Project, rule: Rule, projects: readonly Project[]): string[] {
  const broken: string[] = [];
  for (const { file, specifier } of imports(root, project)) {
    const npm = rule.notFromNpm.find(name =>
      name.endsWith('/')
        ? specifier.startsWith(name)
        : specifier === name || specifier.startsWith(`${name}/`),
    );
    if (npm !== undefined) {
      broken.push(`${file}: ${project.name} (${project.scope}) must not import ${specifier}: ${rule.why}.`);
    }
    const target = specifier.startsWith('.')
      ? relative(root, resolve(root, dirname(file), specifier))
      : undefined;
    const other = projects.find(one => one !== project && target?.startsWith(`${one.folder}/`));
    if (other !== undefined) {
      broken.push(
        `${file}: ${project.name} must not reach into ${other.name} by a path: import "${other.name}".`,
      );
    }
  }
  return broken;
}

function* imports(root: string, project: Project): Generator<{ file: string; specifier: string }> {
  for (const entry of readdirSync(join(root, project.folder, 'src'), { recursive: true, encoding: 'utf8' })) {
    if (/\.m?tsx?$/.test(entry)) {
      const file = join(project.folder, 'src', entry);
      const source = readFileSync(join(root, file), 'utf8');
      for (const match of source.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*(['"])([^'"\n]+)\1/g)) {
        yield { file, specifier: match[2] ?? '' };
      }
    }
  }
}

function projectGraph(root: string): NxGraph {
  const folder = mkdtempSync(join(tmpdir(), 'tumbi-graph-'));
  const file = join(folder, 'graph.json');
  try {
    // Nx runs offline and alone: no daemon, no cloud, nothing sent.
    const env = { ...process.env, NX_DAEMON: 'false', NX_NO_CLOUD: 'true', NX_ISOLATE_PLUGINS: 'false' };
    execFileSync(join(root, 'node_modules/.bin/nx'), ['graph', `--file=${file}`], {
      cwd: root,
      env,
      stdio: 'pipe',
    });
    return JSON.parse(readFileSync(file, 'utf8'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  const broken = brokenRules(resolve(process.argv[2] ?? ROOT));
  for (const sentence of broken) {
    process.stderr.write(`${sentence}\n`);
  }
  process.exitCode = broken.length === 0 ? 0 : 1;
}
