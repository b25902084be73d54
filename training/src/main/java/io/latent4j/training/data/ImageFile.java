package io.latent4j.training.data;

import com.google.common.hash.Hashing;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** An image in a file. */
record ImageFile(Path file, List<String> captions, int width, int height) implements CaptionedImage {

    ImageFile {
        captions = List.copyOf(captions);
    }

    @Override
    public String name() {
        return file.toString();
    }

    @Override
    public BufferedImage image() throws IOException {
        return ImageDecoder.decode(file, ImageDecoder.bytes(file));
    }

    /** SHA-256 of the file. */
    @Override
    public String contentKey() throws IOException {
        return Hashing.sha256().hashBytes(ImageDecoder.bytes(file)).toString();
    }
}
