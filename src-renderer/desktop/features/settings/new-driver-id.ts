/** Id for a driver that the person adds: the model's id with the first free number, in the alphabet that the contract allows. */
export function newDriverId(modelId: string, taken: readonly string[]): string {
  const stem = `own-${modelId.toLowerCase().replace(/[^a-z0-9-]/g, '-')}`.slice(0, 60);
  for (let number = 1; ; number++) {
    const id = `${stem}-${number}`;
    if (!taken.includes(id)) return id;
  }
}
