import ICAL from "ical.js";
import { unwritable } from "../formats/body.ts";
import { designOf } from "./design.ts";
import type { JCard } from "./properties.ts";

/**
 * A jCard as a vCard of the version that it names, its lines folded.
 *
 * @throws `FORMAT_UNWRITABLE` when it names no version, or a name or parameter could not stand in a line.
 * @see RFC 6350, section 3
 */
export function writeVcard([, properties]: JCard): string {
  const version = properties.find(([name]) => name === "version")?.[3];
  if (version !== "3.0" && version !== "4.0") throw unwritable("a vCard needs its version, 3.0 or 4.0, as a property");
  const others = properties.filter(([name]) => name !== "version");
  const lines = others.map((property) => {
    const [name, parameters] = property;
    const heads = [name, ...Object.keys(parameters), ...Object.values(parameters).flat()];
    if (!/^[\w-]+$/.test(name) || heads.some((text) => unsafe.test(text)))
      throw unwritable("a vCard's property has a name or parameter with a line break");
    const written: unknown = ICAL.stringify.property([...property], designOf(version), false);
    // A line break of its own in a value that is not text would begin another property.
    return String(written).replaceAll(/\r\n(?! )|(?<!\r)\n|\r(?!\n)/g, "");
  });
  return ["BEGIN:VCARD", `VERSION:${version}`, ...lines, "END:VCARD", ""].join("\r\n");
}

// oxlint-disable-next-line no-control-regex -- these would end the line
const unsafe = /[\u0000-\u001F\u007F]/;
