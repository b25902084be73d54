package io.latent4j.training.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Says the same of every picture of a folder. Subfolders are not looked into. */
record OneCaption(Path folder, String caption) implements PictureFolder.Claims {

    @Override
    public void read(PictureFolder.Listener listener) throws IOException {
        List<String> names;
        try (Stream<Path> files = Files.list(folder)) {
            names = files.map(file -> file.getFileName().toString())
                    .filter(PictureDecoder::isPicture)
                    .sorted()
                    .toList();
        }
        for (String name : names) {
            listener.claim(new PictureFolder.Claim(folder.toString(), name, List.of(caption)));
        }
    }
}
