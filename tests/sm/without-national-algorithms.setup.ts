/** Vitest setup file of the profile without national algorithms: `BIDKEY_TEST_WITHOUT_SM=1 npx vitest run …` (vitest.config.ts). */
import { removeNationalAlgorithms } from './without-national-algorithms.ts';

removeNationalAlgorithms();
