import type { FastifySchemaCompiler } from "fastify";
import { validatorCompiler } from "fastify-type-provider-zod";
import { z } from "zod";

/**
 * Validates requests by their schemas, and refuses members of queries and bodies that these do not have: a slip in the name of a filter would otherwise select everything, and one
 * in an order act on everything.
 */
export const refuseUnknown: FastifySchemaCompiler<z.ZodType> = ({ schema, httpPart, ...route }) => {
  const isNamed = httpPart === "querystring" || httpPart === "body";
  const isOpen = schema instanceof z.ZodObject && schema.def.catchall === undefined;
  return validatorCompiler({ ...route, ...(httpPart !== undefined && { httpPart }), schema: isNamed && isOpen ? schema.strict() : schema });
};
