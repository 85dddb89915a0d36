import { writeFileSync } from 'node:fs';
import { createOpenApi } from '../../shared/contract/openapi.ts';

writeFileSync('docs/openapi.json', `${JSON.stringify(createOpenApi(), null, 2)}\n`);
