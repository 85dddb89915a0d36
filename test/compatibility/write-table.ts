import { readFileSync, writeFileSync } from 'node:fs';
import { DOCUMENT, replaceTables } from './compatibility-table.ts';

/** Writes what the suite enforces into the document: node --import tsx test/compatibility/write-table.ts */
writeFileSync(DOCUMENT, replaceTables(readFileSync(DOCUMENT, 'utf8')));
