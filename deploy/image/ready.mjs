// The health check of a container: succeeds when its service is ready.
const answer = await fetch(`http://127.0.0.1:${process.env.IM_ADMIN_PORT}/readyz`);
if (!answer.ok) console.error(await answer.text());
process.exit(answer.ok ? 0 : 1);
