package io.latent4j.training.data;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.awt.image.BufferedImage;
import java.util.List;

/** An image that is in memory already. */
record ImageInMemory(String name, BufferedImage image, List<String> captions) implements CaptionedImage {

    ImageInMemory {
        captions = List.copyOf(captions);
        checkArgument(!captions.isEmpty(), "%s: has no caption; expected one or more, which may be empty", name);
    }

    @Override
    public int width() {
        return image.getWidth();
    }

    @Override
    public int height() {
        return image.getHeight();
    }

    @Override
    public String contentKey() {
        Hasher hasher = Hashing.sha256().newHasher().putInt(width()).putInt(height());
        for (int rgb : image.getRGB(0, 0, width(), height(), null, 0, width())) {
            hasher.putInt(rgb);
        }
        return hasher.hash().toString();
    }
}
