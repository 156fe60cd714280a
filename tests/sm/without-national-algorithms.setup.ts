/** Vitest setup file for a whole run without national algorithms: `npx vitest run --setupFiles tests/sm/without-national-algorithms.setup.ts …`. */
import { removeNationalAlgorithms } from './without-national-algorithms.ts';

removeNationalAlgorithms();
