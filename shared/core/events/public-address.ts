import { BlockList, isIPv4, isIPv6 } from 'node:net';

const toList = (family: 'ipv4' | 'ipv6', ranges: readonly (readonly [string, number])[]): BlockList => {
  const list = new BlockList();
  for (const [network, bits] of ranges) list.addSubnet(network, bits, family);
  return list;
};

/** All that is not the internet: https://www.iana.org/assignments/iana-ipv4-special-registry */
const SPECIAL_V4 = toList('ipv4', [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  // Behind the address of a provider.
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  // Where clouds keep the credentials of their machines.
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
]);

/** Nothing outside of it is the internet: not mapped, embedded or translated IPv4, not local, not multicast. */
const GLOBAL_V6 = toList('ipv6', [['2000::', 3]]);

/** Of those the ones that are not, or that carry an IPv4 address that nobody has looked at. */
const SPECIAL_V6 = toList('ipv6', [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
]);

const LOOPBACK_V4 = toList('ipv4', [['127.0.0.0', 8]]);

/** Whether an address, as a resolver writes it, is one that anybody on the internet could reach. */
export const isPublicAddress = (address: string): boolean => {
  if (isIPv4(address)) return !SPECIAL_V4.check(address, 'ipv4');
  // A zone names an interface of this machine.
  if (!isIPv6(address) || address.includes('%')) return false;
  return GLOBAL_V6.check(address, 'ipv6') && !SPECIAL_V6.check(address, 'ipv6');
};

export const isLoopbackAddress = (address: string): boolean =>
  isIPv4(address) ? LOOPBACK_V4.check(address, 'ipv4') : address === '::1';
