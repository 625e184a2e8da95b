package dev.mlit.kotlin

import java.io.ByteArrayOutputStream
import java.io.PrintStream
import java.nio.file.Files
import java.nio.file.Path
import org.jetbrains.kotlin.cli.common.messages.MessageRenderer
import org.jetbrains.kotlin.cli.jvm.K2JVMCompiler

/** The Kotlin compiler, on sources that tests have as text. */
internal object Compiler {
    /**
     * Compiles all sources at once.
     *
     * @param sources the content of each file, by its name
     * @param classes where classes go
     * @return the messages of each file that has any
     */
    fun messages(sources: Map<String, String>, classes: Path): Map<String, List<String>> {
        val directory = Files.createDirectories(classes.resolveSibling("${classes.fileName}-sources"))
        sources.forEach { (name, source) -> Files.writeString(directory.resolve(name), source) }
        val printed = ByteArrayOutputStream()
        K2JVMCompiler()
            .exec(
                PrintStream(printed, true),
                MessageRenderer.PLAIN_FULL_PATHS,
                *arrayOf("-no-stdlib", "-no-reflect", "-jvm-target", "17", "-Werror", "-Xjspecify-annotations=strict"),
                *arrayOf("-cp", System.getProperty("java.class.path"), "-d", "$classes", "$directory"),
            )
        return printed
            .toString()
            .lines()
            .filter { it.startsWith(directory.toString()) }
            .groupBy({ it.removePrefix("$directory/").substringBefore(':') }, { it.substringAfter(':') })
    }
}
