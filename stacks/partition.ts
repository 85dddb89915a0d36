/** The part of AWS that a region belongs to; the name in its ARNs and the end of its host names. */
export interface Partition {
  readonly name: string;
  readonly dnsSuffix: string;
}

export const partitionOf = (region: string): Partition => {
  if (region.startsWith('cn-')) return { name: 'aws-cn', dnsSuffix: 'amazonaws.com.cn' };
  if (region.startsWith('us-gov-')) return { name: 'aws-us-gov', dnsSuffix: 'amazonaws.com' };
  return { name: 'aws', dnsSuffix: 'amazonaws.com' };
};
