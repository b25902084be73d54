package io.latent4j.training.data;

import com.google.common.hash.Hashing;
import com.google.common.io.MoreFiles;
import io.latent4j.core.image.ImageDecoder;
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
        return ImageDecoder.decode(file);
    }

    /** SHA-256 of the file. */
    @Override
    public String contentKey() throws IOException {
        ImageDecoder.check(file);
        return MoreFiles.asByteSource(file).hash(Hashing.sha256()).toString();
    }
}
