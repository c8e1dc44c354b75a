/** The kinds of images that models take and pages show. */
export const imageTypes = ["image/png", "image/jpeg", "image/webp", "image/gif"] as const;

type ImageType = (typeof imageTypes)[number];

/** What is known of an image besides its bytes. */
export interface ImageFacts {
  readonly mediaType: ImageType;
  /** In pixels. */
  readonly width: number;
  readonly height: number;
}

/** The largest image that a prompt shows. Some servers take less; then that prompt goes without the image. */
export const maxImageBytes = 10 * 2 ** 20;

/** The most bytes of all images in one prompt. The newest are shown. */
export const maxPromptImageBytes = 2 * maxImageBytes;
