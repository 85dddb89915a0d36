import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import manifest from '../package.json';
import {
  barrelFiles,
  findViolations,
  homelessFiles,
  type Rules,
  undeclaredPackages,
  wrongDirections,
  wrongPackages,
  wrongSpecifiers,
  wrongTexts,
} from './architecture/check.ts';
import { importCycles } from './architecture/cycles.ts';
import { importedSpecifiers, type ModuleGraph } from './architecture/graph.ts';
import { readProject, withoutComments } from './architecture/project.ts';
import { PACKAGE_RULES, ROOMS, SOURCE_FOLDERS, SPECIFIER_RULES, TEXT_RULES } from './architecture/rules.ts';

/** Types of Lambda's events are imported by the name of the package that they describe. */
const DECLARED: ReadonlySet<string> = new Set([
  ...Object.keys(manifest.dependencies),
  ...Object.keys(manifest.devDependencies),
  'aws-lambda',
]);

const RULES: Rules = {
  rooms: ROOMS,
  packages: PACKAGE_RULES,
  specifiers: SPECIFIER_RULES,
  texts: TEXT_RULES,
};

const graphOf = (...edges: [importer: string, imported: string][]): ModuleGraph => ({
  files: [...new Set(edges.flat())],
  edges: edges.map(([importer, imported]) => ({
    importer,
    imported,
    inside: /\.(ts|json)$/.test(imported),
  })),
});

describe('this project', () => {
  it('keeps every rule of its architecture', async () => {
    const { graph, bareSources } = await readProject(resolve(__dirname, '..'), SOURCE_FOLDERS);

    expect(graph.files.length).toBeGreaterThan(0);
    expect(findViolations(graph, bareSources, RULES)).toEqual([]);
    expect(undeclaredPackages(graph, DECLARED)).toEqual([]);
  });
});

describe('the direction of the rooms', () => {
  it.each([
    ['shared/contract/a.ts', 'shared/contract/b.ts'],
    ['shared/core/governor/a.ts', 'shared/core/b.ts'],
    ['shared/core/a.ts', 'shared/contract/b.ts'],
    ['shared/ports/a.ts', 'shared/core/b.ts'],
    ['shared/flows/a.ts', 'shared/ports/b.ts'],
    ['shared/adapters/a.ts', 'shared/ports/b.ts'],
    ['functions/query/handler.ts', 'functions/query/routes.ts'],
    ['functions/query/handler.ts', 'functions/runtime/compose.ts'],
    ['functions/runtime/compose.ts', 'shared/adapters/b.ts'],
    ['stacks/a.ts', 'shared/contract/b.ts'],
    ['stacks/a.ts', 'shared/core/b.ts'],
    ['stacks/settings.ts', 'cdktf.json'],
    ['local/a.ts', 'functions/query/handler.ts'],
    ['cli/smoother.ts', 'local/a.ts'],
    ['cli/smoother.ts', 'package.json'],
  ])('lets %s import %s', (importer, imported) => {
    expect(wrongDirections(graphOf([importer, imported]), ROOMS)).toEqual([]);
  });

  it.each([
    ['shared/contract/a.ts', 'shared/core/b.ts'],
    ['shared/contract/a.ts', 'package.json'],
    ['shared/core/a.ts', 'shared/ports/b.ts'],
    ['shared/ports/a.ts', 'shared/flows/b.ts'],
    ['shared/flows/a.ts', 'shared/adapters/b.ts'],
    ['shared/adapters/a.ts', 'shared/flows/b.ts'],
    ['shared/adapters/a.ts', 'functions/runtime/b.ts'],
    ['functions/query/handler.ts', 'functions/ingestion/routes.ts'],
    ['functions/query/handler.ts', 'local/a.ts'],
    ['functions/runtime/compose.ts', 'functions/query/handler.ts'],
    ['stacks/a.ts', 'shared/ports/b.ts'],
    ['stacks/a.ts', 'functions/query/handler.ts'],
    ['stacks/a.ts', 'local/b.ts'],
    ['stacks/a.ts', 'cli/smoother.ts'],
    ['local/a.ts', 'stacks/b.ts'],
    ['cli/smoother.ts', 'stacks/b.ts'],
    ['cli/smoother.ts', 'test/fakes/b.ts'],
    ['shared/core/a.ts', 'scripts/b.ts'],
  ])('forbids %s to import %s', (importer, imported) => {
    expect(wrongDirections(graphOf([importer, imported]), ROOMS)).toHaveLength(1);
  });

  it('says which rooms were open', () => {
    expect(wrongDirections(graphOf(['shared/ports/a.ts', 'shared/flows/b.ts']), ROOMS)).toEqual([
      'shared/ports/a.ts imports shared/flows/b.ts: ports may import contract, core',
    ]);
  });

  it('reports a file that is in no room', () => {
    expect(homelessFiles({ files: ['shared/odds.ts', 'shared/core/a.ts'], edges: [] }, ROOMS)).toEqual([
      'shared/odds.ts is in no room: move it into one, or add the room to the rules',
    ]);
  });
});

describe('packages that are declared', () => {
  const declared = new Set(['@aws-sdk/client-sqs', 'zod', '@types/aws-lambda']);

  it.each(['@aws-sdk/client-sqs', '@aws-sdk/client-sqs/dist-types/models', 'zod', 'node:fs', 'fs/promises'])(
    'takes %s',
    (imported) => {
      expect(undeclaredPackages(graphOf(['shared/adapters/a.ts', imported]), declared)).toEqual([]);
    },
  );

  it('finds one that another package brought along', () => {
    expect(undeclaredPackages(graphOf(['shared/adapters/a.ts', '@smithy/core/cbor']), declared)).toEqual([
      'shared/adapters/a.ts imports @smithy/core/cbor: name @smithy/core in package.json, or do without',
    ]);
  });
});

describe('packages', () => {
  it.each([
    ['shared/flows/a.ts', '@aws-sdk/client-sqs'],
    ['shared/core/a.ts', '@smithy/node-http-handler'],
    ['functions/query/handler.ts', '@aws-sdk/client-dynamodb'],
    ['functions/runtime/environment.ts', '@aws-sdk/client-dynamodb'],
    ['cli/smoother.ts', '@aws-sdk/client-s3'],
    ['stacks/a.ts', '@aws-sdk/client-s3'],
    ['shared/contract/a.ts', 'constructs'],
    ['local/a.ts', 'cdktf'],
    ['cli/smoother.ts', '@cdktf/provider-aws/lib/sqs-queue'],
    ['local/a.ts', 'esbuild'],
    ['shared/core/a.ts', 'fast-check'],
  ])('forbids %s to import %s', (importer, imported) => {
    expect(wrongPackages(graphOf([importer, imported]), PACKAGE_RULES)).toHaveLength(1);
  });

  it.each([
    ['shared/adapters/sqs-lane.ts', '@aws-sdk/client-sqs'],
    ['local/demo.ts', '@aws-sdk/client-sqs'],
    ['functions/runtime/compose.ts', '@smithy/node-http-handler'],
    ['functions/runtime/compose-query.ts', '@aws-sdk/client-s3'],
    ['stacks/main.ts', 'cdktf'],
    ['stacks/a.ts', '@cdktf/provider-aws/lib/sqs-queue'],
    ['stacks/build.ts', 'esbuild'],
    ['shared/contract/a.ts', 'zod'],
  ])('lets %s import %s', (importer, imported) => {
    expect(wrongPackages(graphOf([importer, imported]), PACKAGE_RULES)).toEqual([]);
  });

  it.each(['@cdktf/provider-aws', '@cdktf/provider-aws/lib', '@cdktf/provider-aws/lib/index'])(
    'forbids %s, which loads every resource',
    (imported) => {
      expect(wrongSpecifiers(graphOf(['stacks/a.ts', imported]), SPECIFIER_RULES)).toHaveLength(1);
    },
  );

  it.each(['@cdktf/provider-aws/lib/sqs-queue', '@cdktf/provider-aws/lib/provider/index.js', 'cdktf'])(
    'allows %s',
    (imported) => {
      expect(wrongSpecifiers(graphOf(['stacks/a.ts', imported]), SPECIFIER_RULES)).toEqual([]);
    },
  );
});

describe('files', () => {
  it('reports a barrel file', () => {
    expect(barrelFiles({ files: ['shared/core/index.ts', 'shared/core/indexes.ts'], edges: [] })).toEqual([
      'shared/core/index.ts is a barrel file: name the file for its one main export and import it directly',
    ]);
  });

  it('reports the way round an import cycle', () => {
    const graph = graphOf(
      ['cli/smoother.ts', 'shared/core/a.ts'],
      ['shared/core/a.ts', 'shared/core/b.ts'],
      ['shared/core/b.ts', 'shared/core/c.ts'],
      ['shared/core/c.ts', 'shared/core/a.ts'],
    );

    expect(importCycles(graph)).toEqual([
      'import cycle: shared/core/a.ts → shared/core/b.ts → shared/core/c.ts → shared/core/a.ts',
    ]);
  });

  it('takes two ways to one file for no cycle', () => {
    const graph = graphOf(
      ['local/a.ts', 'local/b.ts'],
      ['local/a.ts', 'local/c.ts'],
      ['local/b.ts', 'local/d.ts'],
      ['local/c.ts', 'local/d.ts'],
    );

    expect(importCycles(graph)).toEqual([]);
  });
});

describe('words', () => {
  const faults = async (file: string, source: string): Promise<string[]> =>
    wrongTexts(new Map([[file, await withoutComments(source)]]), TEXT_RULES);

  it.each([
    'export const a = process.env.HOME;',
    'export const a = process?.env.HOME;',
    'export const a = globalThis.process.env;',
    "export const a = process['env'];",
    'export const a = process[`env`];',
    'const { env } = process; export const a = env;',
    'const { argv, env: all } = process; export const a = [argv, all];',
    "import { env } from 'node:process'; export const a = env;",
    "import { argv, env as all } from 'process'; export const a = [argv, all];",
    "import * as p from 'node:process'; export const a = p;",
    "import p from 'node:process'; export const a = p;",
    "import process from 'node:process'; export const a = process.env;",
  ])('finds the environment read by %s', async (source) => {
    expect(await faults('shared/flows/a.ts', source)).toHaveLength(1);
    expect(await faults('functions/runtime/environment.ts', source)).toEqual([]);
  });

  it.each([
    '// process.env is read elsewhere\nexport const a = 1;',
    '/** Never process.env. */\nexport const a = 1;',
    'export const a = (env: NodeJS.ProcessEnv) => env;',
    'export const a = process.environment;',
    "import { argv } from 'node:process'; export const a = argv;",
    "import process from 'node:process'; export const a = process.argv;",
    'const { env } = processes; export const a = env;',
  ])('finds no fault in %s', async (source) => {
    expect(await faults('shared/flows/a.ts', source)).toEqual([]);
  });

  it.each([
    'export const a = Date.now();',
    'export const a = Date.now;',
    'export const a = new Date();',
    'export const a = new Date;',
    'export const a = performance.now();',
    'export const a = Math.random();',
    'setTimeout(() => {}, 1);',
  ])('keeps %s out of core only', async (source) => {
    expect(await faults('shared/core/a.ts', source)).toHaveLength(1);
    expect(await faults('shared/adapters/a.ts', source)).toEqual([]);
  });

  it('lets core read a date that it was given', async () => {
    expect(await faults('shared/core/a.ts', 'export const a = (ms: number) => new Date(ms);')).toEqual([]);
  });
});

describe('reading imports', () => {
  it('sees type imports, which a bundler erases, and overlooks comments', () => {
    const source = [
      "import type { A } from './a.ts';",
      "import { type B, c } from './b.ts';",
      'export type {',
      '  D,',
      "} from './d.ts';",
      "export const e = (value: import('./e.ts').E) => value;",
      "const text = 'important';",
      "// import { f } from './f.ts';",
      ' * import { g } from "./g.ts";',
    ].join('\n');

    expect(importedSpecifiers(source)).toEqual(['./a.ts', './b.ts', './d.ts', './e.ts']);
  });

  it('finds the faults of a project on disk', async () => {
    const root = mkdtempSync(join(tmpdir(), 'architecture-'));
    const write = (file: string, source: string): void => {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      writeFileSync(join(root, file), source);
    };
    write(
      'shared/contract/limits.ts',
      "import type { Flow } from '../flows/flow.ts';\nexport type A = Flow;",
    );
    write('shared/flows/flow.ts', "export { a as b } from '../core/a.ts';\nexport type Flow = string;");
    write('shared/core/a.ts', "import 'cdktf';\nexport const a = import('./b.ts');");
    write('shared/core/b.ts', "import { a } from './a.ts';\nexport const b = [a, process.env];");

    const { graph, bareSources } = await readProject(root, SOURCE_FOLDERS).finally(() =>
      rmSync(root, { recursive: true }),
    );

    expect(graph.files).toEqual([
      'shared/contract/limits.ts',
      'shared/core/a.ts',
      'shared/core/b.ts',
      'shared/flows/flow.ts',
    ]);
    expect(findViolations(graph, bareSources, RULES)).toEqual([
      'shared/contract/limits.ts imports shared/flows/flow.ts: contract may import nothing outside itself',
      'shared/core/a.ts imports cdktf: infrastructure belongs in stacks; share values through shared/contract',
      'import cycle: shared/core/a.ts → shared/core/b.ts → shared/core/a.ts',
      'shared/core/b.ts reads process.env: take the parsed environment from functions/runtime/environment.ts',
    ]);
  });

  it('finds nothing in an empty project', async () => {
    const root = mkdtempSync(join(tmpdir(), 'architecture-'));

    const { graph } = await readProject(root, SOURCE_FOLDERS).finally(() =>
      rmSync(root, { recursive: true }),
    );

    expect(graph.files).toEqual([]);
  });
});
