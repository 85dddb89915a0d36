import { crc32 } from '../../crc32.ts';

const preludeBytes = 12;
const crcBytes = 4;
const stringType = 7;

/**
 * One message of application/vnd.amazon.eventstream, numbers big-endian:
 *
 *   total length 4 | length of headers 4 | CRC-32 of the 8 bytes | headers | payload | CRC-32 of all before
 *
 * https://smithy.io/2.0/aws/amazon-eventstream.html
 */
export function encodeMessage(headers: Readonly<Record<string, string>>, payload: string): Uint8Array {
  const head = Buffer.concat(Object.entries(headers).map(([name, value]) => encodeHeader(name, value)));
  const body = Buffer.from(payload);
  const message = Buffer.alloc(preludeBytes + head.length + body.length + crcBytes);
  message.writeUInt32BE(message.length, 0);
  message.writeUInt32BE(head.length, 4);
  message.writeUInt32BE(crc32(message.subarray(0, 8), 0), 8);
  head.copy(message, preludeBytes);
  body.copy(message, preludeBytes + head.length);
  const end = message.length - crcBytes;
  message.writeUInt32BE(crc32(message.subarray(0, end), 0), end);
  return message;
}

function encodeHeader(name: string, value: string): Uint8Array {
  const valueBytes = Buffer.from(value);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(valueBytes.length);
  const nameBytes = Buffer.from(name);
  return Buffer.concat([
    Buffer.from([nameBytes.length]),
    nameBytes,
    Buffer.from([stringType]),
    length,
    valueBytes,
  ]);
}
