/** A program that holds a token host in a hanging driver call, for the test that kills it. Arguments: library, its log, folder of the models. Prints the host's process id. */
import { createTokenHostClient } from '../../src-main/token/create-token-host-client.ts';

async function main(): Promise<void> {
  const [libraryPath = '', log = '', modelsFolder = ''] = process.argv.slice(2);
  const client = await createTokenHostClient({ modelsFolder, drivers: [{ driverId: 'hostile', modelId: 'generic-pkcs11', libraryPath, interface: 'pkcs11', environment: { HOSTILE_MODE: 'hang:C_Login', HOSTILE_LOG: log } }] });
  await client.list();
  const hanging = client.logIn({ driverId: 'hostile', serial: 'HOSTILE0001' }, new TextEncoder().encode('12345678'));
  process.stdout.write(`${client.hostPids()['hostile']}\n`);
  await hanging;
}

void main();
