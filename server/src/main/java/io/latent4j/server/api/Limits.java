package io.latent4j.server.api;

/**
 * How much one request may ask for.
 *
 * @param bodyBytes of a request's body
 * @param imagePixels of an image that is sent, width times height
 * @param pixels of an image that is made, width times height, after upscaling
 * @param steps of a job's images
 * @param images of a job
 * @param work of a job: its images times their steps times their pixels
 * @param promptLetters of a prompt
 * @param uploadBytes of all images that are sent together; of one client within an hour, a quarter of them
 */
public record Limits(
        long bodyBytes,
        long imagePixels,
        long pixels,
        int steps,
        int images,
        long work,
        int promptLetters,
        long uploadBytes) {
    /** 64 MiB, 36 megapixels, 2048 x 2048, 200 steps, 64 images, the largest image in the most steps, 20,000 letters, 4 GiB. */
    public static final Limits DEFAULT =
            new Limits(64L << 20, 36_000_000, 2048L * 2048, 200, 64, 2048L * 2048 * 200, 20_000, 4L << 30);

    public Limits {
        if (bodyBytes < 1
                || imagePixels < 1
                || pixels < 1
                || steps < 1
                || images < 1
                || work < 1
                || promptLetters < 1
                || uploadBytes < 1) {
            throw new IllegalArgumentException("the limits are " + bodyBytes + " bytes, " + imagePixels + " and "
                    + pixels + " pixels, " + steps + " steps, " + images + " images, " + work
                    + " steps of pixels, " + promptLetters + " letters and " + uploadBytes
                    + " bytes of images; expected 1 or more of each");
        }
    }
}
