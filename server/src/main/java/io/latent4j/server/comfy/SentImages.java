package io.latent4j.server.comfy;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.javalin.http.Context;
import io.javalin.http.UploadedFile;
import io.latent4j.core.image.Images;
import io.latent4j.core.image.PngFile;
import io.latent4j.server.api.ApiException;
import io.latent4j.server.api.Body;
import io.latent4j.server.api.Client;
import io.latent4j.server.api.ImageEncoding;
import io.latent4j.server.api.ImageEncoding.Format;
import io.latent4j.server.api.ServedJobs;
import io.latent4j.server.api.Uploads;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** Images that clients send and look at by names. */
final class SentImages {
    private static final Set<String> TYPES = Set.of("input", "temp", "output");
    private static final int LONGEST = 200;
    private static final int QUALITY = 90;

    private final ServedJobs jobs;
    private final Uploads uploads;
    private final NamedFiles names = new NamedFiles();

    SentImages(ServedJobs jobs, Uploads uploads) {
        this.jobs = jobs;
        this.uploads = uploads;
    }

    /** The names of a client's images to start from. */
    List<String> names(String client) {
        return names.names(client);
    }

    /** The digest of an image by its name in a graph: {@code folder/name.png}, and a type in brackets behind it. */
    Optional<String> digest(String client, String name) {
        String plain = name.strip();
        for (String type : TYPES) {
            if (plain.endsWith("[" + type + "]")) {
                return digest(
                        client,
                        type,
                        plain.substring(0, plain.length() - type.length() - 2).strip());
            }
        }
        return digest(client, "input", plain);
    }

    /** An upload's digest; of a finished image, that of a copy among the uploads. */
    private Optional<String> digest(String client, String type, String name) {
        Optional<String> sent = names.digest(client, type, name);
        if (sent.isPresent() || type.equals("input")) {
            return sent;
        }
        return OutputName.digest(name).map(made -> uploads.by(client).put(jobs.png(made), "image"));
    }

    /** Answers with the image that a query names. */
    void view(Context context) {
        String name = Optional.ofNullable(context.queryParam("filename")).orElse("");
        String folder = Optional.ofNullable(context.queryParam("subfolder")).orElse("");
        String type = Optional.ofNullable(context.queryParam("type")).orElse("output");
        Optional<String> sent = names.digest(Client.of(context), type, in(folder, name));
        byte[] bytes = sent.isPresent()
                ? uploads.bytes(sent.get())
                : jobs.png(OutputName.digest(name).orElseThrow(() -> ApiException.notFound("there is no such image")));
        context.header("Content-Disposition", "inline");
        Optional<ImageEncoding> preview =
                Optional.ofNullable(context.queryParam("preview")).map(SentImages::preview);
        byte[] shown = preview.map(
                        encoding -> sent.isPresent() ? decoded(sent.get(), encoding::of) : encoding.of(bytes))
                .orElse(bytes);
        context.contentType(preview.map(ImageEncoding::type).orElseGet(() -> Uploads.type(bytes)))
                .result(shown);
    }

    /** {@code jpeg;80} for instance; what is not known is a WebP. */
    private static ImageEncoding preview(String asked) {
        String[] words = asked.split(";", 2);
        int quality = words.length == 2 && words[1].matches("100|[1-9]?[0-9]") ? Integer.parseInt(words[1]) : QUALITY;
        return new ImageEncoding(words[0].equals("jpeg") ? Format.JPEG : Format.WEBP, quality);
    }

    private static String in(String folder, String name) {
        return folder.isEmpty() ? name : folder + "/" + name;
    }

    /** Keeps the image in a form. */
    JsonObject upload(Context context) {
        return named(context, bytes(context));
    }

    /** Keeps an image that was sent before, with the transparency of the one in the form. */
    JsonObject uploadMask(Context context) {
        JsonObject reference = Body.object(
                Optional.ofNullable(context.formParam("original_ref")).orElse("{}"));
        String type = text(reference, "type", "output");
        String name = in(text(reference, "subfolder", ""), text(reference, "filename", ""));
        String digest = digest(Client.of(context), type, name)
                .orElseThrow(() -> ApiException.invalid(
                        "original_ref", "original_ref is no image that is here; expected one that was sent before"));
        String mask = mine(context).put(bytes(context), "image");
        return named(
                context,
                decoded(digest, original -> decoded(mask, drawn -> PngFile.bytes(masked(original, drawn), Map.of()))));
    }

    private static String text(JsonObject json, String key, String otherwise) {
        JsonElement value = json.get(key);
        return value != null && value.isJsonPrimitive() ? value.getAsString() : otherwise;
    }

    private byte[] decoded(String digest, Function<BufferedImage, byte[]> work) {
        return uploads.decoded(uploads.file(digest, "image"), "image", work);
    }

    /** The colours of one image with the transparency of another. */
    private static BufferedImage masked(BufferedImage image, BufferedImage mask) {
        BufferedImage srgb = Images.srgb(image);
        BufferedImage masked = new BufferedImage(image.getWidth(), image.getHeight(), BufferedImage.TYPE_INT_ARGB);
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                int maskX = (int) ((long) x * mask.getWidth() / image.getWidth());
                int maskY = (int) ((long) y * mask.getHeight() / image.getHeight());
                int alpha = mask.getRGB(maskX, maskY) >>> 24;
                masked.setRGB(x, y, alpha << 24 | (srgb.getRGB(x, y) & 0xffffff));
            }
        }
        return masked;
    }

    private static UploadedFile file(Context context) {
        UploadedFile file = context.uploadedFile("image");
        if (file == null) {
            throw ApiException.invalid("image", "there is no file image in the form; expected one");
        }
        return file;
    }

    private static byte[] bytes(Context context) {
        try (InputStream in = file(context).content()) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("the form's image cannot be read", e);
        }
    }

    private Uploads mine(Context context) {
        return uploads.by(Client.of(context));
    }

    private JsonObject named(Context context, byte[] bytes) {
        String folder = Optional.ofNullable(context.formParam("subfolder")).orElse("");
        String type = Optional.ofNullable(context.formParam("type")).orElse("input");
        String asked = file(context).filename();
        if (asked.isBlank() || asked.length() + folder.length() > LONGEST || !TYPES.contains(type)) {
            throw ApiException.invalid(
                    "image",
                    "the image's name, subfolder or type cannot be taken; expected a name of 1 to " + LONGEST
                            + " letters with its subfolder, and the type input, temp or output");
        }
        boolean overwrites = List.of("true", "1")
                .contains(Optional.ofNullable(context.formParam("overwrite")).orElse(""));
        String name = names.put(
                Client.of(context), type, in(folder, asked), mine(context).put(bytes, "image"), overwrites);
        JsonObject json = new JsonObject();
        json.addProperty("name", folder.isEmpty() ? name : name.substring(folder.length() + 1));
        json.addProperty("subfolder", folder);
        json.addProperty("type", type);
        return json;
    }
}
