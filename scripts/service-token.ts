// Makes a token to call a service of a running cluster by hand.
import { runCommand } from './backup/run-command.ts';
import { readTokenRequest, signAs } from './deploy-env/sign-as.ts';

const USAGE = `Usage: npm run -s service-token -- --as <service> --for <service> [--env <file>]

  Prints a token with which any gRPC client may call the service named by --for as
  the one named by --as, for 60 s: it goes into the metadata key im-service-token.

  --as <service>   who calls: the contract names the services that may
  --for <service>  who is called
  --env <file>     where the key of --as is: deploy/.env; without it, IM_SERVICE_KEYS
                   of the environment, as a service has it (user-service=<key>,…)
`;

await runCommand(USAGE, async () => {
  const request = readTokenRequest(process.argv.slice(2), process.env);
  if (request === 'help') process.stdout.write(USAGE);
  else console.log(await signAs(request));
});
