package io.latent4j.training.data;

import io.latent4j.core.image.ImageDecoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Says the same of every image of a folder. Subfolders are not looked into. */
record OneCaption(Path folder, String caption) implements ImageFolder.Claims {

    @Override
    public void read(ImageFolder.Listener listener) throws IOException {
        List<String> names;
        try (Stream<Path> files = Files.list(folder)) {
            names = files.map(file -> file.getFileName().toString())
                    .filter(ImageDecoder::isImage)
                    .sorted()
                    .toList();
        }
        for (String name : names) {
            listener.claim(new ImageFolder.Claim(folder.toString(), name, List.of(caption)));
        }
    }
}
