import process from 'node:process';
import { kubernetesPrograms } from './k8s/programs.ts';

if (process.argv.includes('--build')) {
  console.log(await kubernetesPrograms());
}
