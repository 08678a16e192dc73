namespace Proa;

/// <summary>The type of a file, as inode(7) has it in st_mode.</summary>
internal enum FileKind
{
    None = 0,
    Fifo = 0x1000,
    CharacterDevice = 0x2000,
    Directory = 0x4000,
    BlockDevice = 0x6000,
    Regular = 0x8000,
    Link = 0xA000,
    Socket = 0xC000,
}
