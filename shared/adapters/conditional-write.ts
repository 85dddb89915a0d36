import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';

/** The write's answer, or nothing when its condition did not hold: losing to another writer is no error. */
export const conditionally = async <T>(write: Promise<T>): Promise<T | undefined> => {
  try {
    return await write;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return undefined;
    throw error;
  }
};
