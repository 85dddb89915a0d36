import { readImageSize } from './image-size.ts';
import { type InlineBytes, isInlineBytes, lengthOf, sliceOf } from './inline-bytes.ts';
import type { ModelFamily } from './model-family.ts';

type Fields = Readonly<Record<string, unknown>>;

const asFields = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};

const bytesIn = (block: Fields): InlineBytes | undefined => {
  const { bytes } = asFields(block.source);
  return isInlineBytes(bytes) ? bytes : undefined;
};

/** An image in S3, or one whose header cannot be read, is taken for a large one. */
export const imageTokens = (image: object, family: ModelFamily): number => {
  const bytes = bytesIn(asFields(image));
  const size = bytes === undefined ? undefined : readImageSize(bytes);
  if (size === undefined) return family.mostImageTokens;
  return Math.min(family.mostImageTokens, Math.ceil((size.width * size.height) / family.pixelsPerToken));
};

/** A PDF page of text or graphics, give or take; used where the file does not tell. */
const BYTES_PER_PDF_PAGE = 50_000;
/** The most that Converse takes. */
const MOST_PDF_PAGES = 100;
const CHUNK_BYTES = 48 * 1024;
/** `/Type /Page` of a page, not `/Pages` of the tree. */
const PDF_PAGE = /\/Type\s*\/Page(?![a-zA-Z])/g;
/** Long enough for a match that lies across two chunks. */
const OVERLAP_BYTES = 32;

const countPages = (bytes: InlineBytes): number => {
  let pages = 0;
  const length = lengthOf(bytes);
  for (let from = 0; from < length && pages < MOST_PDF_PAGES; from += CHUNK_BYTES) {
    const chunk = sliceOf(bytes, from, CHUNK_BYTES + OVERLAP_BYTES).toString('latin1');
    // What begins in the overlap is counted with the next chunk.
    for (const match of chunk.matchAll(PDF_PAGE)) if (match.index < CHUNK_BYTES) pages += 1;
  }
  return pages;
};

const pdfPages = (bytes: InlineBytes): number => {
  const counted = countPages(bytes);
  // Newer files keep their pages in compressed objects.
  const pages = counted > 0 ? counted : Math.ceil(lengthOf(bytes) / BYTES_PER_PDF_PAGE);
  return Math.min(MOST_PDF_PAGES, Math.max(1, pages));
};

/** Documents that are text as they stand. */
const TEXT_FORMATS = new Set(['csv', 'html', 'txt', 'md']);
/** Of office files, which are compressed and full of form, about one byte in so many becomes a token. */
const OFFICE_BYTES_PER_TOKEN = 8;
const MOST_OFFICE_TOKENS = 50_000;
/** Of a document that lies in S3 nothing is known. */
const UNSEEN_DOCUMENT_TOKENS = 5000;

/** Only with citations are pages looked at as well as read. */
const isSeen = ({ citations }: Fields): boolean => asFields(citations).enabled === true;

export const documentTokens = (document: object, family: ModelFamily): number => {
  const fields = asFields(document);
  const bytes = bytesIn(fields);
  if (bytes === undefined) return UNSEEN_DOCUMENT_TOKENS;
  const format = typeof fields.format === 'string' ? fields.format : '';
  if (TEXT_FORMATS.has(format)) return Math.ceil(lengthOf(bytes) / family.bytesPerToken);
  if (format === 'pdf')
    return pdfPages(bytes) * (isSeen(fields) ? family.tokensPerSeenPage : family.tokensPerTextPage);
  return Math.min(MOST_OFFICE_TOKENS, Math.ceil(lengthOf(bytes) / OFFICE_BYTES_PER_TOKEN));
};

/** At most so many tokens whatever its length: models sample what is long. */
const MOST_MEDIA_TOKENS = 50_000;
const UNSEEN_MEDIA_TOKENS = 20_000;
const MEDIA_BYTES_PER_TOKEN = 500;

/** Video and audio: by bytes, roughly; the learned ratio corrects it. */
export const recordingTokens = (recording: object): number => {
  const bytes = bytesIn(asFields(recording));
  if (bytes === undefined) return UNSEEN_MEDIA_TOKENS;
  return Math.min(MOST_MEDIA_TOKENS, Math.ceil(lengthOf(bytes) / MEDIA_BYTES_PER_TOKEN));
};
