package io.latent4j.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Runs the commands of a file in a process of its own. A command is a line, its words are separated by tabs. For each it
 * writes a line, {@code CODE TAB MESSAGE}.
 */
public final class CommandLines {
    private CommandLines() {}

    public static void main(String[] arguments) throws IOException {
        List<String> lines = Files.readAllLines(Path.of(arguments[0]));
        for (String line : lines) {
            CommandRun run = CommandRun.of(line.split("\t"));
            System.out.println(run.code() + "\t" + run.message());
        }
    }
}
