package io.latent4j.server.api;

import io.latent4j.core.image.ImageDecoder;
import io.latent4j.core.image.ImageMemoryException;
import io.latent4j.pipeline.request.ImageSize;
import io.latent4j.service.queue.JobQueue;
import io.latent4j.service.store.ImageFolder;
import java.awt.Dimension;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Base64;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Images that clients send, by the SHA-256 of their bytes. Any number of threads may use it; a few of them decode images at a
 * time, as each takes much memory.
 */
public final class Uploads {
    private static final int DECODING = 2;
    private static final int WAITING = 100; // of the threads that answer requests

    private final ImageFolder folder;
    private final Limits limits;
    private final ImageTurns turns;
    private final UploadRoom room;
    private final String client;
    private final Decoder decoder;

    /** Reads an image of a file. */
    interface Decoder {
        BufferedImage decode(Path file) throws IOException;
    }

    /**
     * @param folder is made when it is first written to
     * @param queue the only one whose jobs need images of this folder
     */
    public Uploads(Path folder, Limits limits, JobQueue queue) {
        this(new ImageFolder(folder), limits, () -> NeededImages.of(queue));
    }

    /** Images that no job needs for longer than they stay in any case. */
    public Uploads(Path folder, Limits limits) {
        this(new ImageFolder(folder), limits, Set::of);
    }

    private Uploads(ImageFolder folder, Limits limits, Supplier<Set<String>> needed) {
        this(folder, limits, needed, new ImageTurns(DECODING, WAITING), ImageDecoder::decode);
    }

    Uploads(ImageFolder folder, Limits limits, Supplier<Set<String>> needed, ImageTurns turns, Decoder decoder) {
        this(
                folder,
                limits,
                turns,
                new UploadRoom(folder, limits.uploadBytes(), needed, Clock.systemUTC()),
                "",
                decoder);
    }

    private Uploads(
            ImageFolder folder, Limits limits, ImageTurns turns, UploadRoom room, String client, Decoder decoder) {
        this.folder = folder;
        this.limits = limits;
        this.turns = turns;
        this.room = room;
        this.client = client;
        this.decoder = decoder;
    }

    /** The same images, where what is kept is sent by this client. */
    public Uploads by(String client) {
        return new Uploads(folder, limits, turns, room, client, decoder);
    }

    /**
     * Keeps an image.
     *
     * @param field of the request that it came in, for errors
     * @return its digest
     * @throws ApiException if it is no image that is read here, or too large, or there is no room for it
     */
    public String put(byte[] bytes, String field) {
        try {
            boolean isNew = folder.use(ImageFolder.digest(bytes)).isEmpty();
            if (isNew) {
                room.take(client, bytes.length);
            }
            String digest = folder.put(bytes);
            Path file = folder.find(digest).orElseThrow();
            try {
                check(file);
                decoded(file, field, image -> image);
                return digest;
            } catch (IOException | UncheckedIOException | IllegalArgumentException e) {
                delete(file, isNew);
                throw ApiException.invalid(
                        field,
                        "the image in " + field + " cannot be read; expected a whole PNG, JPEG, WebP, GIF or BMP file");
            } catch (ApiException e) {
                delete(file, isNew);
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("an image that was sent cannot be kept", e);
        }
    }

    /**
     * Decodes an image that was sent, and works on it in one of few turns: whoever else needs an image in memory waits.
     *
     * @param field of the request that it came in, for errors
     * @throws ApiException if too many wait already, or there is too little memory for it
     */
    public <T> T decoded(Path file, String field, Function<BufferedImage, T> work) {
        return turns.with(() -> {
            BufferedImage image;
            try {
                image = decoder.decode(file);
            } catch (ImageMemoryException e) {
                throw new ApiException(
                        503,
                        "busy",
                        "there is too little memory for the image in " + field
                                + " just now; try again later, or send a smaller one");
            } catch (IOException e) {
                throw new UncheckedIOException("the image in " + field + " cannot be read", e);
            }
            return work.apply(image);
        });
    }

    /** Another request's image stays: jobs may need it, and it may be that only now there is no memory for it. */
    private static void delete(Path file, boolean isNew) throws IOException {
        if (isNew) {
            Files.deleteIfExists(file);
        }
    }

    private void check(Path file) throws IOException {
        Dimension size = ImageDecoder.size(file);
        if ((long) size.width * size.height > limits.imagePixels()
                || Math.max(size.width, size.height) > ImageSize.MOST_PIXELS) {
            throw new ApiException(
                    413,
                    "image_too_large",
                    "an image has " + size.width + "x" + size.height + " pixels; expected at most "
                            + limits.imagePixels() + " in all, and " + ImageSize.MOST_PIXELS + " of a side");
        }
    }

    /**
     * Deletes images of one part of the folder that were not used for long and that no job needs which waits or runs.
     *
     * @param part 0 to {@link ImageFolder#PARTS} - 1
     * @param before images that were sent or used at this time or later stay
     * @param queue the only one whose jobs need images of this folder
     * @return how many were deleted
     * @throws IOException if the folder cannot be read, or a file cannot be deleted
     */
    public int clear(int part, Instant before, JobQueue queue) throws IOException {
        return folder.clear(part, before, digests -> NeededImages.of(queue, digests));
    }

    /** Keeps an image in Base64, alone or as a {@code data:} URL. */
    public String putBase64(String text, String field) {
        String data = text.startsWith("data:") ? text.substring(text.indexOf(',') + 1) : text;
        try {
            byte[] bytes = Base64.getMimeDecoder().decode(data); // which passes over other letters
            if (bytes.length == 0) {
                throw new IllegalArgumentException("there is no Base64");
            }
            return put(bytes, field);
        } catch (IllegalArgumentException e) {
            throw ApiException.invalid(field, field + " is no Base64; expected an image's bytes in Base64");
        }
    }

    /** The bytes of an image that was sent. */
    public byte[] bytes(String digest) {
        try {
            return Files.readAllBytes(file(digest, "id"));
        } catch (IOException e) {
            throw new UncheckedIOException("an image that was sent cannot be read", e);
        }
    }

    /** The media type of an image that was sent, by how its file begins. */
    public static String type(byte[] bytes) {
        if (bytes.length > 12 && bytes[0] == (byte) 0xff && bytes[1] == (byte) 0xd8) {
            return "image/jpeg";
        }
        if (bytes.length > 12 && bytes[8] == 'W' && bytes[9] == 'E' && bytes[10] == 'B' && bytes[11] == 'P') {
            return "image/webp";
        }
        if (bytes.length > 12 && bytes[0] == 'G' && bytes[1] == 'I' && bytes[2] == 'F') {
            return "image/gif";
        }
        return bytes.length > 12 && bytes[0] == 'B' && bytes[1] == 'M' ? "image/bmp" : "image/png";
    }

    /**
     * The file of an image that was sent, which stays for as long as one that is sent now.
     *
     * @throws ApiException if there is none
     */
    public Path file(String digest, String field) {
        if (!ImageFolder.isDigest(digest)) {
            throw ApiException.invalid(
                    field, field + " is no image that was sent; expected the id that the upload answered");
        }
        return folder.use(digest)
                .orElseThrow(() -> ApiException.invalid(
                        field, field + " is an image that is not here; expected one that was sent before"));
    }
}
