/** Entry of the desktop screens: finds the bridge of the shell and starts. */
import { chooseBridge } from '../lib/bridge-choose.ts';
import { startDesktop } from './start.tsx';

void startDesktop(chooseBridge(window), document.getElementById('root'));
