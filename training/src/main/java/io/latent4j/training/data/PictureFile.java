package io.latent4j.training.data;

import com.google.common.hash.Hashing;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A picture in a file. */
record PictureFile(Path file, List<String> captions, int width, int height) implements CaptionedPicture {

    PictureFile {
        captions = List.copyOf(captions);
    }

    @Override
    public String name() {
        return file.toString();
    }

    @Override
    public BufferedImage image() throws IOException {
        return PictureDecoder.decode(file, PictureDecoder.bytes(file));
    }

    /** SHA-256 of the file. */
    @Override
    public String contentKey() throws IOException {
        return Hashing.sha256().hashBytes(PictureDecoder.bytes(file)).toString();
    }
}
