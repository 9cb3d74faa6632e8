import { CallError, call, type PictureRead } from "../../api";

/** The largest file that the core takes in, in megabytes. It says so itself; a larger one is not even read here. */
const MAX_MB = 2;
const MEGABYTE = 1_000_000;

/** The picture in a file, made small by the core. */
export async function readPicture(file: File): Promise<PictureRead> {
  if (file.size > MAX_MB * MEGABYTE) {
    throw new CallError({
      code: "picture_too_large",
      message: "",
      field: "picture",
      facts: { max: MAX_MB },
    });
  }
  return call("read_picture", { data: await base64Of(file) });
}

export function pictureAddress({ media_type, data }: PictureRead): string {
  return `data:${media_type};base64,${data}`;
}

function base64Of(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).replace(/^data:[^,]*,/, ""));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}
