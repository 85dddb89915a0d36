import { readFileSync, writeFileSync } from 'node:fs';
import { renderTable, replaceTable } from './conformance-table.ts';

/** Writes what the suite enforces into the document: node --import tsx test/conformance/write-table.ts */
const DOCUMENT = 'docs/local-cloud.md';
writeFileSync(DOCUMENT, replaceTable(readFileSync(DOCUMENT, 'utf8'), renderTable()));
