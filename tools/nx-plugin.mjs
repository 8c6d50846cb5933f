import { dirname } from 'node:path';

/** Gives every project the targets `build` and `test`: `npx nx test @tumbi/contracts`, `npx nx run-many -t test`. */
export const createNodesV2 = [
  '{libs,services,apps}/*/package.json',
  files =>
    files.map(file => {
      const root = dirname(file);
      const targets = {
        build: { command: 'tsc --build {projectRoot}' },
        test: { command: 'node tools/test.ts --prepared {projectRoot}/' },
      };
      return [file, { projects: { [root]: { targets } } }];
    }),
];
