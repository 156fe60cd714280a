/** Named points inside issuance at which a test may end the process. In the product nothing happens there. */
export const FAULT_POINTS = [
  'start:in-transaction', 'start:committed',
  'csr:before-intent', 'csr:intent-committed', 'csr:key-generated', 'csr:signed', 'csr:in-transaction', 'csr:committed',
  'completion:in-transaction', 'completion:committed',
  'cancellation:in-transaction', 'cancellation:committed',
  'review:in-transaction', 'approval:committed', 'request-end:in-transaction', 'request-end:committed',
] as const;

export type FaultPoint = (typeof FAULT_POINTS)[number];

export type ReachFaultPoint = (point: FaultPoint) => void;

export const noFaults: ReachFaultPoint = () => undefined;
