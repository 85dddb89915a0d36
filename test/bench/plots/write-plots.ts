import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Resvg } from '@resvg/resvg-js';
import { type Picture, renderPicture } from './svg.ts';

/** Twice as many points as the picture is wide: for screens that have them. */
const PNG_ZOOM = 1.6;

const toPng = (svg: string): Uint8Array =>
  new Resvg(svg, {
    fitTo: { mode: 'zoom', value: PNG_ZOOM },
    font: { loadSystemFonts: true, defaultFontFamily: 'DejaVu Sans', sansSerifFamily: 'DejaVu Sans' },
  })
    .render()
    .asPng();

/** As SVG that follows the reader's preference, and as PNG for light and for dark pages. */
export const writePlot = async (folder: string, name: string, picture: Picture): Promise<void> => {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${name}.svg`), renderPicture(picture, 'either'));
  await writeFile(join(folder, `${name}.png`), toPng(renderPicture(picture, 'light')));
  await writeFile(join(folder, `${name}-dark.png`), toPng(renderPicture(picture, 'dark')));
};
