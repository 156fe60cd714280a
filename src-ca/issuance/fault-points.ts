/** Named points inside issuance at which a test may end the process. In the product nothing happens there. */
export const FAULT_POINTS = [
  'start:in-transaction', 'start:committed',
  'csr:before-intent', 'csr:intent-committed', 'csr:key-generated', 'csr:signed', 'csr:in-transaction', 'csr:committed',
  'completion:in-transaction', 'completion:committed',
  'cancellation:in-transaction', 'cancellation:committed',
] as const;

/** The same for requests that are reviewed, and for those that end with money back. */
export const REQUEST_FAULT_POINTS = ['review:in-transaction', 'approval:committed', 'request-end:in-transaction', 'request-end:committed'] as const;

/** The same for what happens to pairs and keys after their issuance. */
export const KEY_FAULT_POINTS = [
  'pair-change:in-transaction', 'pair-change:committed',
  'pin-deposit:committed', 'pin-confirmation:committed', 'pin-release:committed', 'unlock-completion:in-transaction', 'unlock-completion:committed',
  'restore:committed',
] as const;

export type FaultPoint = (typeof FAULT_POINTS)[number] | (typeof REQUEST_FAULT_POINTS)[number] | (typeof KEY_FAULT_POINTS)[number];

export type ReachFaultPoint = (point: FaultPoint) => void;

export const noFaults: ReachFaultPoint = () => undefined;
