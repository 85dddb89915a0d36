/** Crockford's alphabet: no I, L, O, U, so ids survive being read aloud. */
export const BASE32 = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** Five bits a digit; what is left over at the end is dropped. */
export const toBase32 = (bytes: Uint8Array): string => {
  let bits = 0;
  let held = 0;
  let text = '';
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += BASE32[(held >> bits) & 31];
    }
    held &= (1 << bits) - 1;
  }
  return text;
};
