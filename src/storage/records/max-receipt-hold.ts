/** Nobody holds a receipt for longer: where one seems to be, the clock has been put back since. */
export const maxReceiptHoldMs = 3_600_000;
