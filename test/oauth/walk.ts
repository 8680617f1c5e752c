/** Follows redirects below `origin`, keeping cookies as a browser does, and gives the first address that leads elsewhere. */
export async function walk(start: string, origin: string): Promise<string> {
  const cookies = new Map<string, string>();
  let address = start;
  for (let steps = 0; steps < 12; steps += 1) {
    if (!address.startsWith(`${origin}/`)) return address;
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const answer = await fetch(address, { redirect: "manual", headers: cookie === "" ? {} : { cookie } });
    for (const set of answer.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      if (value === "") cookies.delete(name);
      else cookies.set(name, value);
    }
    const location = answer.headers.get("location");
    if (location === null) throw new Error(`${new URL(address).pathname} answered ${answer.status}: ${await answer.text()}`);
    address = new URL(location, address).href;
  }
  throw new Error("The authorization goes round in circles.");
}
