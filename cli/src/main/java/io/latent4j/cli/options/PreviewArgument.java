package io.latent4j.cli.options;

import io.latent4j.pipeline.files.ModelLocator;
import java.util.Optional;
import java.util.Stack;
import picocli.CommandLine.IParameterConsumer;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;

/** Takes what stands behind {@code --preview} if it can be an autoencoder; a prompt may stand there too. */
final class PreviewArgument implements IParameterConsumer {

    @Override
    @SuppressWarnings("JdkObsolete") // picocli's
    public void consumeParameters(Stack<String> args, ArgSpec option, CommandSpec command) {
        boolean taken = !args.isEmpty() && isAutoencoder(args.peek());
        option.setValue(Optional.of(taken ? args.pop() : ""));
    }

    /** A path may be mistyped; a prompt that looks like one is rare. What begins as options do is one. */
    private static boolean isAutoencoder(String text) {
        return !text.startsWith("-")
                && (ModelLocator.local(text).isPresent()
                        || text.matches("\\S*[/\\\\]\\S*|\\S+\\.(safetensors|pth|pt|ckpt|bin)"));
    }
}
