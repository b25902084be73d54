package io.latent4j.training.data;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.latent4j.core.files.Draft;
import java.awt.image.BufferedImage;
import java.io.BufferedWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.IntConsumer;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Writes a data set as a folder of PNG files, numbered in its order, and {@code metadata.jsonl}. */
public final class ImageFolderWriter {
    private static final int LEAST_DIGITS = 6;

    private ImageFolderWriter() {}

    /**
     * Checks that {@link #write} may write there: that {@code folder} is not there yet, or is empty.
     *
     * @throws IOException saying what is in the way
     */
    public static void checkFree(Path folder) throws IOException {
        if (Files.notExists(folder)) {
            return;
        }
        if (!Files.isDirectory(folder)) {
            throw new IOException(folder + ": is a file; expected the name of a new or an empty folder");
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            if (entries.iterator().hasNext()) {
                throw new IOException(folder + ": is not empty; expected the name of a new or an empty folder;"
                        + " nothing was changed");
            }
        }
    }

    /**
     * Writes all images. The folder appears whole or not at all: it is written beside its place under another name and
     * moved there.
     *
     * @param folder that does not exist, or is empty; folders above it are made
     * @param progress receives how many images are done
     * @throws IOException if reading or writing fails, or the thread is interrupted; no part is left behind
     */
    public static void write(CaptionedImages images, Path folder, IntConsumer progress) throws IOException {
        checkFree(folder);
        try (Draft draft = Draft.ofFolder(folder)) {
            draft.fill(path -> fill(images, path, progress));
            draft.create();
        }
    }

    private static void fill(CaptionedImages images, Path folder, IntConsumer progress) throws IOException {
        Gson gson = new GsonBuilder().disableHtmlEscaping().create();
        int digits = Math.max(LEAST_DIGITS, Integer.toString(images.size() - 1).length());
        ImageWriter png = ImageIO.getImageWritersByFormatName("png").next();
        try (BufferedWriter lines = Files.newBufferedWriter(folder.resolve(ImageFolder.LINES))) {
            for (int i = 0; i < images.size(); i++) {
                if (Thread.currentThread().isInterrupted()) {
                    throw new ClosedByInterruptException();
                }
                CaptionedImage image = images.example(i);
                String name = String.format(Locale.ROOT, "%0" + digits + "d.png", i);
                Files.write(folder.resolve(name), encoded(image.image(), png));
                JsonObject line = new JsonObject();
                line.addProperty("file_name", name);
                line.add("text", text(image.captions()));
                lines.write(gson.toJson(line));
                lines.write('\n');
                progress.accept(i + 1);
            }
        } finally {
            png.dispose();
        }
    }

    private static byte[] encoded(BufferedImage image, ImageWriter png) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
            png.setOutput(out);
            png.write(image);
        }
        return bytes.toByteArray();
    }

    private static JsonElement text(List<String> captions) {
        if (captions.size() == 1) {
            return new JsonPrimitive(captions.get(0));
        }
        JsonArray list = new JsonArray();
        captions.forEach(list::add);
        return list;
    }
}
