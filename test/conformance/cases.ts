import type { ConformanceCase } from './conformance-case.ts';
import { DYNAMODB_CASES } from './dynamodb-cases.ts';
import { S3_CASES } from './s3-cases.ts';
import { SNS_CASES } from './sns-cases.ts';
import { SQS_CASES } from './sqs-cases.ts';

/** Everything that is held against AWS, once. */
export const CASES: readonly ConformanceCase[] = [...SQS_CASES, ...SNS_CASES, ...S3_CASES, ...DYNAMODB_CASES];
