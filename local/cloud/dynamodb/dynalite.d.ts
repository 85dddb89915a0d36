declare module 'dynalite' {
  import type { Server } from 'node:http';

  interface DynaliteOptions {
    readonly path?: string;
    readonly createTableMs?: number;
    readonly deleteTableMs?: number;
    readonly updateTableMs?: number;
  }

  function dynalite(options?: DynaliteOptions): Server;
  export = dynalite;
}

declare module 'dynalite/db/conditionParser.js' {
  import type { ExpressionParser } from './remember-expressions.ts';

  const parser: ExpressionParser;
  export = parser;
}

declare module 'dynalite/db/updateParser.js' {
  import type { ExpressionParser } from './remember-expressions.ts';

  const parser: ExpressionParser;
  export = parser;
}
