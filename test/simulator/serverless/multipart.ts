/** A file of a multipart form. */
export interface UploadedFile {
  readonly name: string;
  readonly contentType: string;
  readonly content: Buffer;
}

export interface MultipartForm {
  readonly fields: URLSearchParams;
  readonly files: Readonly<Record<string, UploadedFile>>;
}

/** The fields and files of a multipart/form-data body (RFC 7578); undefined where it is not one. */
export function parseMultipart(contentType: string, body: Buffer): MultipartForm | undefined {
  const boundary = /^multipart\/form-data\s*;.*?boundary="?(?<boundary>[^";]+)"?/i.exec(contentType)?.groups
    ?.boundary;
  if (boundary === undefined) return undefined;
  const fields = new URLSearchParams();
  const files: Record<string, UploadedFile> = {};
  for (const part of partsOf(body, `--${boundary}`)) {
    const end = part.indexOf('\r\n\r\n');
    const headers = part.subarray(0, end).toString('utf8');
    const content = part.subarray(end + 4);
    const name = /^content-disposition:.*?\bname="(?<name>[^"]*)"/im.exec(headers)?.groups?.name;
    if (end < 0 || name === undefined) return undefined;
    const filename = /^content-disposition:.*?\bfilename="(?<filename>[^"]*)"/im.exec(headers)?.groups
      ?.filename;
    if (filename === undefined) fields.append(name, content.toString('utf8'));
    else files[name] = { name: filename, contentType: typeOf(headers), content };
  }
  return { fields, files };
}

function typeOf(headers: string): string {
  return /^content-type:\s*(?<type>\S.*)$/im.exec(headers)?.groups?.type?.trim() ?? 'text/plain';
}

/** What stands between the delimiters, without the line breaks that belong to them. */
function partsOf(body: Buffer, delimiter: string): Buffer[] {
  const parts: Buffer[] = [];
  let start = body.indexOf(delimiter);
  while (start >= 0) {
    const from = start + delimiter.length + 2;
    const next = body.indexOf(`\r\n${delimiter}`, from);
    if (next < 0) return parts;
    parts.push(body.subarray(from, next));
    start = next + 2;
  }
  return parts;
}
