/** The longest time a receipt is held. A longer hold means that the clock was set back. */
export const maxReceiptHoldMs = 3_600_000;
