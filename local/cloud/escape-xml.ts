const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** S3 keys may hold control characters; S3 too writes them as references. */
export function escapeXml(text: string): string {
  return text.replace(
    /[&<>"\p{Cc}]/gu,
    (character) => ENTITIES[character] ?? `&#${character.charCodeAt(0)};`,
  );
}
