import { writeFileSync } from 'node:fs';
import { renderBadInputs } from './render.ts';

void renderBadInputs().then((page) => writeFileSync('docs/reference/bad-inputs.md', page));
