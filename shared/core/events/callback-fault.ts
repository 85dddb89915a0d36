import { isIP } from 'node:net';
import { isLoopbackAddress, isPublicAddress } from './public-address.ts';

/** Names that lead nowhere outside of a machine or a network. */
const PRIVATE_NAME = /(^|\.)(localhost|local|internal|home\.arpa)$/;

/** The name or address in a URL: IPv6 without its brackets, names without their last dot. */
export const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');

const isLoopbackHost = (host: string): boolean => host === 'localhost' || isLoopbackAddress(host);

const hostFault = (host: string): string | undefined => {
  if (isIP(host) !== 0 && !isPublicAddress(host)) return 'must not be a private or local address';
  if (isIP(host) === 0 && (PRIVATE_NAME.test(host) || !host.includes('.')))
    return 'must name a host of the internet, such as hooks.example.com';
  return undefined;
};

export interface CallbackRules {
  /** In the local run, where the receiver may be a program on the same machine. */
  readonly allowsLoopback: boolean;
}

/** What is wrong with an address that webhooks are to be sent to. Where its name leads to is looked at when they are. */
export const callbackFault = (text: string, { allowsLoopback }: CallbackRules): string | undefined => {
  if (!URL.canParse(text)) return 'must be an absolute URL such as https://hooks.example.com/done';
  const url = new URL(text);
  const host = hostOf(url);
  if (url.username !== '' || url.password !== '') return 'must not hold a user or a password';
  const isHere = allowsLoopback && isLoopbackHost(host);
  if (url.protocol !== 'https:' && !(isHere && url.protocol === 'http:'))
    return `must begin with https://, not ${url.protocol.slice(0, 20)}`;
  return isHere ? undefined : hostFault(host);
};

/** Whether a callback's name, or address, may be called where it leads to. */
export const mayCall = (address: string, host: string, { allowsLoopback }: CallbackRules): boolean =>
  isPublicAddress(address) || (allowsLoopback && isLoopbackHost(host) && isLoopbackAddress(address));
