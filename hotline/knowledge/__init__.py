"""The knowledge base (知识库): what people at the desk are told while they talk."""
