/** Everything under one folder that may import the same things. */
export interface Room {
  readonly name: string;
  /** The matched text is the folder itself: two files that match the same text may import each other. */
  readonly folder: RegExp;
  /** Names of the other rooms it may import from. */
  readonly mayImport: readonly string[];
}

/** A kind of package that only some files may import. */
export interface PackageRule {
  readonly packages: RegExp;
  readonly onlyIn: RegExp;
  readonly remedy: string;
}

/** A package that must be imported by specifiers of one shape. */
export interface SpecifierRule {
  readonly packages: RegExp;
  readonly allowed: RegExp;
  readonly remedy: string;
}

/** Words that may appear, outside comments, in some files only. */
export interface TextRule {
  readonly what: string;
  readonly patterns: readonly RegExp[];
  readonly onlyIn: RegExp;
  readonly remedy: string;
}

const SHARED = ['contract', 'core', 'ports', 'flows', 'adapters'];

export const SOURCE_FOLDERS = ['functions', 'shared', 'stacks', 'local', 'cli'] as const;

/** Nobody names `test`, so nobody may import it. */
export const ROOMS: readonly Room[] = [
  { name: 'contract', folder: /^shared\/contract\//, mayImport: [] },
  { name: 'core', folder: /^shared\/core\//, mayImport: ['contract'] },
  { name: 'ports', folder: /^shared\/ports\//, mayImport: ['contract', 'core'] },
  { name: 'flows', folder: /^shared\/flows\//, mayImport: ['contract', 'core', 'ports'] },
  { name: 'adapters', folder: /^shared\/adapters\//, mayImport: ['contract', 'core', 'ports'] },
  { name: 'runtime', folder: /^functions\/runtime\//, mayImport: SHARED },
  { name: 'function', folder: /^functions\/[^/]+\//, mayImport: [...SHARED, 'runtime'] },
  { name: 'stacks', folder: /^stacks\//, mayImport: ['contract', 'core', 'manifest'] },
  { name: 'local', folder: /^local\//, mayImport: [...SHARED, 'runtime', 'function', 'cli', 'manifest'] },
  { name: 'cli', folder: /^cli\//, mayImport: [...SHARED, 'runtime', 'function', 'local', 'manifest'] },
  { name: 'manifest', folder: /^(package|cdktf)\.json$/, mayImport: [] },
  { name: 'test', folder: /^test\//, mayImport: [] },
];

export const PACKAGE_RULES: readonly PackageRule[] = [
  {
    packages: /^@(aws-sdk|smithy)\//,
    // Before a deployment is removed somebody has to look what lies in it.
    onlyIn:
      /^(shared\/adapters\/|local\/|functions\/runtime\/compose[^/]*\.ts$|stacks\/commands\/deployed-contents\.ts$)/,
    remedy: 'reach AWS through a port, and implement the port in shared/adapters',
  },
  {
    packages: /^@aws-lambda-powertools\//,
    onlyIn: /^shared\/adapters\//,
    remedy: 'log and measure through the Telemetry port',
  },
  {
    packages: /^(cdktf|constructs|@cdktf\/[^/]+)(\/|$)/,
    onlyIn: /^stacks\//,
    remedy: 'infrastructure belongs in stacks; share values through shared/contract',
  },
  {
    packages: /^(esbuild|fast-check|jest|tsx|typescript)(\/|$)/,
    onlyIn: /^stacks\//,
    remedy: 'development tools are not installed with the published command',
  },
];

export const SPECIFIER_RULES: readonly SpecifierRule[] = [
  {
    packages: /^@cdktf\/provider-[^/]+(\/|$)/,
    allowed: /^@cdktf\/provider-[^/]+\/lib\/(?!index(\.js)?$)[^/]+(\/index(\.js)?)?$/,
    remedy: 'import one resource, such as @cdktf/provider-aws/lib/sqs-queue: the whole set loads 0.5 GB',
  },
];

export const TEXT_RULES: readonly TextRule[] = [
  {
    what: 'reads process.env',
    patterns: [
      /\bprocess\s*\??\.\s*env\b/,
      /\bprocess\s*(\?\.)?\s*\[\s*["'`]env["'`]\s*\]/,
      /\{[^{}]*\benv\b[^{}]*\}\s*=\s*(globalThis\s*\.\s*)?process\b/,
      /\bimport\s+(?!process\b)[\w$]+\s*(,[^;]*)?\bfrom\s*["'](node:)?process["']/,
      /\bimport\s*(process\s*,\s*)?\*\s*as\b[^;]*\bfrom\s*["'](node:)?process["']/,
      /\bimport\s*(process\s*,\s*)?\{[^}]*\benv\b[^}]*\}\s*from\s*["'](node:)?process["']/,
    ],
    onlyIn: /^functions\/runtime\/environment\.ts$/,
    remedy: 'take the parsed environment from functions/runtime/environment.ts',
  },
  {
    what: 'reads a clock, a timer or randomness',
    patterns: [
      /\bDate\.now\b/,
      /\bnew Date\(\)/,
      /\bnew Date\b(?!\s*\()/,
      /\bperformance\.now\b/,
      /\bMath\.random\b/,
      /\bset(Timeout|Interval|Immediate)\b/,
    ],
    onlyIn: /^(?!shared\/core\/)/,
    remedy: 'core takes time as a value and randomness as a function',
  },
];
