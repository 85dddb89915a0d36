import { LAMBDA_PER_CALL, sumOfBill, toBill } from './bill.ts';

describe('the bill of a million requests', () => {
  test('prices what was counted', () => {
    const bill = toBill({
      sqsCalls: 1,
      writes: 3.2,
      reads: 1,
      puts: 0.05,
      gets: 1,
      apiCalls: 2,
      invocations: 2,
      gbSeconds: 0.1,
    });

    expect(bill.sqs).toBeCloseTo(0.5, 6);
    expect(bill.dynamodb).toBeCloseTo(2.125, 6);
    expect(bill.s3).toBeCloseTo(0.65, 6);
    expect(bill.lambda).toBeCloseTo(1.73334, 5);
    expect(bill.api).toBe(2);
    expect(bill.logs).toBe(0.5);
    expect(sumOfBill(bill)).toBeCloseTo(7.50834, 5);
  });

  test('of a function for each call is mostly its waiting', () => {
    expect(toBill(LAMBDA_PER_CALL).lambda).toBeCloseTo(16.86675, 4);
  });
});
